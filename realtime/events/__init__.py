"""What leaves the process: the data of events, their envelopes and where they go."""
