"""The microservice: features from Redis, prediction by XGBoost, JSON over HTTP."""
