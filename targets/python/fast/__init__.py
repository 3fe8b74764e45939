"""The service as it would be made today for speed: the same questions, answers and errors as `service`, other parts."""
