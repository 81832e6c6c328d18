"""The frame path: frames in, events out, with nothing that knows where frames come from."""
