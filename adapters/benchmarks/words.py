"""Text of a realistic length, always the same for the same seed. Pure."""

from random import Random

_TEXT = """
the of and to a in that it is was for on you with as at be this have from or had by but not what all were we
when your can said there use an each which she do how their if will up other about out many then them these so
some her would make like him into time has look two more write go see number way could people my than first
water been call who oil its now find long down day did get come made may part over new sound take only little
work know place year live me back give most very after thing our just name good sentence man think say great
where help through much before line right too mean old any same tell boy follow came want show also around
form three small set put end does another well large must big even such because turn here why ask went men
read need land different home us move try kind hand picture again change off play spell air away animal house
point page letter mother answer found study still learn should world lantern harbour compass orchard violin
thunder meadow ember glacier ribbon saddle tavern quarry marble candle feather anchor velvet copper willow
raven amber cedar falcon garnet hollow ivory juniper kettle lagoon mosaic nectar opal pepper quill rudder
saffron timber umber
"""
WORDS = tuple(_TEXT.split())
PAUSES = (".", ",", "!", "?", " -", "...")
PAUSE_EVERY_WORDS = 9


def text_of(random: Random, fewest_words: int, most_words: int) -> str:
    """So many words, with a pause now and then."""
    chosen = random.choices(WORDS, k=random.randint(fewest_words, most_words))
    for at in range(PAUSE_EVERY_WORDS - 1, len(chosen), PAUSE_EVERY_WORDS):
        chosen[at] += random.choice(PAUSES)
    return " ".join(chosen).capitalize()
