"""Words of the workforce that mean the same to somebody who searches.

The English stemmer parts midwife from midwifery and knows no abbreviation. Each line is a group; a
search for one of its words finds them all. Terms of several words match as they stand together.
"""

GROUPS: tuple[tuple[str, ...], ...] = (
    ("midwife", "midwives", "midwifery"),
    ("nurse", "nurses", "nursing"),
    ("gp", "gps", "general practitioner", "general practitioners", "general practice"),
    ("ahp", "ahps", "allied health professional", "allied health professionals"),
    ("doctor", "doctors", "medic", "medics", "physician", "physicians"),
    ("dentist", "dentists", "dental", "dentistry"),
    ("pharmacist", "pharmacists", "pharmacy"),
    ("psychologist", "psychologists", "psychology"),
    ("psychotherapist", "psychotherapists", "psychotherapy"),
    ("physiotherapist", "physiotherapists", "physiotherapy"),
    ("paramedic", "paramedics", "paramedicine"),
    ("podiatrist", "podiatrists", "podiatry"),
    ("radiographer", "radiographers", "radiography"),
    ("odp", "odps", "operating department practitioner", "operating department practitioners"),
    ("apprentice", "apprentices", "apprenticeship", "apprenticeships"),
    ("council", "councils", "local authority", "local authorities", "local government"),
    ("icb", "icbs", "integrated care board", "integrated care boards"),
    ("ics", "icss", "integrated care system", "integrated care systems"),
    ("lga", "local government association"),
    ("hr", "human resources", "people profession"),
    ("edi", "equality diversity and inclusion", "equality, diversity and inclusion"),
    ("iapt", "talking therapies"),
    ("freedom to speak up", "ftsu", "whistleblowing"),
    ("vacancy", "vacancies", "unfilled posts"),
    ("wellbeing", "well-being", "health and wellbeing"),
    ("ai", "artificial intelligence"),
    ("overseas", "international", "internationally"),
)

# Every term, as the tuple of its words, with the other terms of its group.
SYNONYMS: dict[tuple[str, ...], tuple[str, ...]] = {
    tuple(term.split()): tuple(other for other in group if other != term)
    for group in GROUPS
    for term in group
}
LONGEST = max(map(len, SYNONYMS))
