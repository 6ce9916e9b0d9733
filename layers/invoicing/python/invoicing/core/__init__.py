"""The parts that every other folder uses: money, dates, texts, ids, errors, events, parties."""
