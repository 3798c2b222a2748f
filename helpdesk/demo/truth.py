"""What is true of the demo company: the figures it is generated from, so that a report can be checked."""

# How much there is.
CUSTOMERS, TICKETS, CHATS, ARTICLES = 120, 900, 250, 79
# Customers who stand twice in the book, under two spellings; counted in `CUSTOMERS`.
DUPLICATES = 6
# How far the history reaches back, in days: eighteen months.
DAYS = 548
ENGLISH_SHARE = 0.2

# Share of answers of 4 or 5, by the stage on which the ticket was resolved. Twentieths: see `chance.Deck`.
SATISFIED = {
    "prospect": 0.80,
    "trial": 0.75,
    "onboarding": 0.70,
    "adoption": 0.80,
    "growth": 0.85,
    "advocate": 0.95,
}
# Share of answers of 5, 6 or 7 on the scale of effort.
EASY = {
    "prospect": 0.75,
    "trial": 0.70,
    "onboarding": 0.65,
    "adoption": 0.75,
    "growth": 0.80,
    "advocate": 0.90,
}
# Share of those asked who answer.
ANSWERED = 0.50

# In the ninth month a release broke the import, and onboarding suffered: days since the history began.
DEFECT_TOPIC = "import-stops"
DEFECT_FROM, DEFECT_UNTIL = 244, 274
DEFECT_TICKETS = 26
SATISFIED_IN_DEFECT = 0.30

# What people ask again and again and no article answers.
GAPS = ("bulk-mail-subject", "tax-rounding", "saml-sso", "delivery-by-department")

# Where the customers stand today, by the path they took.
PATHS = {
    "prospect": 10,
    "returned": 8,
    "trial": 12,
    "onboarding": 14,
    "adoption": 36,
    "left": 8,
    "growth": 18,
    "advocate": 8,
}
