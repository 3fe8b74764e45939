"""Answers POST /churn {"customer": 17} with {"probability": 0.25}, by the model that train.py made.

POST /churn/batch {"customers": [17, 18]} gives {"probabilities": [0.25, 0.5]} by one prediction.
"""

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


class Questions(BaseModel):
    customers: list[int]


@app.post("/churn/batch")
def churn_batch(questions: Questions) -> dict[str, list[float]]:
    unknown = [id for id in questions.customers if id not in customers]
    if unknown or not questions.customers:
        raise HTTPException(404, f"no customer {unknown[0]}" if unknown else "no customers")
    return {"probabilities": model.predict_proba([customers[id] for id in questions.customers])[:, 1].tolist()}


if __name__ == "__main__":
    address = urlsplit(os.environ["SERVICE_URL"])
    uvicorn.run(app, host=address.hostname, port=address.port, access_log=False)
