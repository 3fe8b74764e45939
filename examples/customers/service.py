"""Answers POST /churn {"customer": 17} with {"probability": 0.25}, by the model that train.py made."""

import csv
import os
from urllib.parse import urlsplit

import joblib
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
model = joblib.load("model.joblib")
with open("customers.csv", newline="") as opened:
    rows = csv.reader(opened)
    next(rows)
    customers = {int(id): [float(each) for each in features] for id, *features in rows}


class Question(BaseModel):
    customer: int


@app.post("/churn")
def churn(question: Question) -> dict[str, float]:
    features = customers.get(question.customer)
    if features is None:
        raise HTTPException(404, f"no customer {question.customer}")
    return {"probability": model.predict_proba([features])[0, 1]}


if __name__ == "__main__":
    address = urlsplit(os.environ["SERVICE_URL"])
    uvicorn.run(app, host=address.hostname, port=address.port, access_log=False)
