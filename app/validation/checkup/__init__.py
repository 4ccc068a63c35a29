"""What may trouble the app on this machine: facts that probes gather, checks that judge them, each with its remedy.

`facts` is what is known, `probes_*` ask the machine for it (with time limits, the risky ones in a process of its own),
`checks_*` are plain functions of facts: (facts, system) -> findings. `parts` is the list of all and runs it.
"""
