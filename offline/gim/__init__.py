"""GIM: spotting learnt from one labelled frame per expression."""
