from taskbroker import App

app = App("shop", kafka="127.0.0.1:9092", brokers="127.0.0.1:50051")

@app.task("mail.welcome")
def welcome(org_id: int, address: str) -> None:
    print("hello", org_id, address)

if __name__ == "__main__":
    print(welcome.delay(7, "a@b.c"))
