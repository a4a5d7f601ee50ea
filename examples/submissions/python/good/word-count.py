"""Writes a file, reads it back and counts its words."""
from collections import Counter
from pathlib import Path

note = Path("note.txt")
note.write_text("to be or not to be")
for word, count in sorted(Counter(note.read_text().split()).items()):
    print(word, count)
