package io.taskbroker.quickstart;

import io.taskbroker.workload.process.BrokerSetup;
import java.nio.file.Path;

/** Where everything is, and what to try. */
final class Welcome {
  private Welcome() {}

  /** As people open it. */
  private static String store(BrokerSetup broker) {
    Object port = broker.further().get("store.pg.port");
    return port == null
        ? broker.store().toString()
        : "Postgres: psql -h 127.0.0.1 -p %s -U postgres %s".formatted(port, DemoStore.DATABASE);
  }

  static String text(Path state, BrokerSetup broker) {
    return """

    dashboard %8$s (and the admin API; everybody on this machine may do everything)
    Kafka     %1$s, topic %2$s
    workers   %3$s (gRPC, sentry_protos.taskbroker.v1.ConsumerService)
    config    %4$s
    log       %5$s
    store     %6$s

    Try, in another terminal, from the folder of this repository:

      # your first task in Python: save it as shop.py
      from taskbroker import App

      app = App("shop", kafka="%1$s", brokers="%3$s", topic="%2$s")

      @app.task("mail.welcome")
      def welcome(org_id: int, address: str) -> None:
          print("hello", org_id, address)

      if __name__ == "__main__":
          print(welcome.delay(7, "a@b.c"))

      python3 -m venv .venv && . .venv/bin/activate
      pip install './clients/python[kafka,worker]'
      taskworker run shop:app     # goes on until Ctrl-C
      . .venv/bin/activate && python shop.py   # in one more terminal: the worker says hello

      # what is stored right now, and what does not move
      ./taskbroker status --broker %8$s
      ./taskbroker why --broker %8$s
      ./taskbroker tasks --broker %8$s

      # a task of your own, and a worker that prints it and reports it done
      ./taskbroker dev send mail.welcome '[7, "a@b.c"]' --application mine
      ./taskbroker dev work --application mine

      # one that fails, and its dead letter
      ./taskbroker dev send mail.bounce --application mine --dead-letter
      ./taskbroker dev work --application mine --fail --tasks 1
      ./taskbroker dead-letters list --broker %8$s

      # the same by hand
      echo 'id: "mine-1" application: "mine" taskname: "hello" processing_deadline_duration: 60' |
        protoc -I proto/src/main/protobuf --encode=sentry_protos.taskbroker.v1.TaskActivation \\
          sentry_protos/taskbroker/v1/taskbroker.proto > %7$s &&
        kcat -P -b %1$s -t %2$s %7$s

      # take it as a worker would, and report it done
      alias rpc='grpcurl -plaintext -import-path proto/src/main/protobuf \\
        -proto sentry_protos/taskbroker/v1/taskbroker.proto'
      rpc -d '{"application": "mine"}' %3$s sentry_protos.taskbroker.v1.ConsumerService/GetTask
      rpc -d '{"id": "mine-1", "status": "TASK_ACTIVATION_STATUS_COMPLETE"}' %3$s \\
        sentry_protos.taskbroker.v1.ConsumerService/SetTaskStatus
    """
        .formatted(
            broker.kafka(),
            broker.topic(),
            broker.grpcAddress(),
            broker.file(),
            broker.log(),
            store(broker),
            state.resolve("mine.bin"),
            "http://127.0.0.1:" + broker.further().get("admin.port"));
  }
}
