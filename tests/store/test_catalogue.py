"""What is put together before it is translated: lines on files, lists that were filled in."""

from app.store.catalogue import Catalogue

CATALOGUE = Catalogue(
    {
        "the disk is full: free some space": "el disco está lleno: libera espacio",
        "Recording stopped: {error}": "Se paró la grabación: {error}",
        "Not measured: {value}.": "Sin medir: {value}.",
        "trunk lean": "inclinación",
        "bounce": "rebote",
    }
)


def test_what_is_told_of_a_file_is_translated_and_its_name_is_not():
    line = "/data/history.db: the disk is full: free some space."
    spanish = "/data/history.db: el disco está lleno: libera espacio."
    assert CATALOGUE.translated(line) == spanish
    assert CATALOGUE.translated(f"Recording stopped: {line}") == f"Se paró la grabación: {spanish}"
    assert CATALOGUE.translated("Mind: the disk is full: free some space") is None


def test_a_list_that_was_filled_in_is_translated_word_by_word():
    assert CATALOGUE.translated("Not measured: trunk lean, reach, bounce.") == "Sin medir: inclinación, reach, rebote."


def test_what_is_far_too_long_to_be_of_ours_is_looked_for_as_a_whole_only():
    assert CATALOGUE.translated(f"Recording stopped: {'x' * 400}") == f"Se paró la grabación: {'x' * 400}"
    assert CATALOGUE.translated(f"Recording stopped: {'x' * 600}") is None
