"""Words of Japanese and English: how they are cut, folded, spoken and spelled."""
