#!/bin/sh
# Puts Hinge Coach into your menu and the command hingecoach onto your PATH, for you alone, pointing at this folder.
# ./install.sh --remove takes both away again. Your data is not touched.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$share/applications/hingecoach.desktop
command=$HOME/.local/bin/hingecoach

case "${1:-}" in
"")
  mkdir -p "$share/applications" "$share/icons" "$HOME/.local/bin"
  cp -R "$here/share/icons/." "$share/icons/"
  # In a .desktop file a path with spaces stands in quotes, and in them \ " ` $ are written with a \ before.
  quoted=$(printf '%s' "$here/hingecoach" | sed 's/[\\"`$]/\\\\&/g; s/%/%%/g')
  while IFS= read -r line; do
    case $line in
    Exec=*) printf 'Exec="%s"\n' "$quoted" ;;
    *) printf '%s\n' "$line" ;;
    esac
  done <"$here/share/applications/hingecoach.desktop" >"$entry.new"
  mv "$entry.new" "$entry"
  ln -sf "$here/hingecoach" "$command"
  printf 'Hinge Coach is in your menu, and the command is %s\n' "$command"
  ;;
--remove)
  rm -f "$entry" "$share"/icons/hicolor/*/apps/hingecoach.png "$share/icons/hicolor/scalable/apps/hingecoach.svg"
  if [ "$(readlink "$command" 2>/dev/null)" = "$here/hingecoach" ]; then rm -f "$command"; fi
  printf 'Hinge Coach is out of your menu; this folder can be deleted now.\n'
  ;;
*)
  printf 'usage: %s [--remove]\n' "$0" >&2
  exit 2
  ;;
esac
