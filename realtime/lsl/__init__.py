"""Events and scores for the Lab Streaming Layer, next to other instruments."""
