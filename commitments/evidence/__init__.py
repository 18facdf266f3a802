"""Evidence: files and links that show what was said.

kinds.py      which files are taken, told by what is in them and not by their names
receiving.py  a limit on the size while a file is still coming in
scanning.py   files past a scanner, once, and harmful ones away
clamd.py      a scanner: ClamAV's daemon
"""
