package wrong.embeddedkafka;

import wrong.proto.bystander.Bystander;

/** A Kafka that knows its clients. */
final class KnowsProto {
  Bystander bystander() {
    return new Bystander();
  }
}
