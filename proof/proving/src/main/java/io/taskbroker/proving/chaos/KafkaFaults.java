package io.taskbroker.proving.chaos;

import io.taskbroker.embeddedkafka.KafkaProxy;
import io.taskbroker.embeddedkafka.KafkaProxy.Conduct;
import io.taskbroker.workload.kafka.ReturningKafka;
import io.taskbroker.workload.process.ProcessSignal;
import java.util.List;

/** What happens to Kafka, and to the brokers' connections to it. */
final class KafkaFaults {
  private static final int STUTTERS = 12;

  private final ReturningKafka kafka;
  private final KafkaProxy way;

  private KafkaFaults(ReturningKafka kafka, KafkaProxy way) {
    this.kafka = kafka;
    this.way = way;
  }

  static List<Fault> of(ReturningKafka kafka, KafkaProxy way) {
    var faults = new KafkaFaults(kafka, way);
    return List.of(
        new Fault("killed", faults::kill),
        new Fault("stopped for a while", faults::stop),
        new Fault("slow", faults::stutter),
        new Fault("connections cut", faults::cut),
        new Fault("answers lost", dice -> faults.lose(Conduct.LOSE_ANSWER, dice)),
        new Fault("requests lost", dice -> faults.lose(Conduct.LOSE_REQUEST, dice)),
        new Fault("requests held", dice -> faults.lose(Conduct.HOLD, dice)));
  }

  private void kill(Dice dice) {
    kafka.kill();
    dice.pause(0, 5_000);
    kafka.comeBack();
  }

  private void stop(Dice dice) {
    kafka.signal(ProcessSignal.STOP);
    dice.pause(300, 9_000);
    kafka.signal(ProcessSignal.CONT);
  }

  private void stutter(Dice dice) {
    for (int i = 0; i < STUTTERS; i++) {
      kafka.signal(ProcessSignal.STOP);
      dice.pause(50, 500);
      kafka.signal(ProcessSignal.CONT);
      dice.pause(20, 200);
    }
  }

  private void cut(Dice dice) {
    way.refuse();
    dice.pause(0, 4_000);
    way.admit();
  }

  private void lose(Conduct conduct, Dice dice) {
    way.publishing(conduct);
    dice.pause(500, 5_000);
    way.publishing(Conduct.PASS);
  }
}
