"""Mathematics of the strategies and schedulers: arrays in, arrays out; nothing here knows a space or a trial."""
