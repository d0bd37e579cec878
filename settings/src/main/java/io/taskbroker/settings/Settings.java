package io.taskbroker.settings;

import io.taskbroker.settings.reading.Catalogue;
import io.taskbroker.settings.reading.Catalogue.Section;
import io.taskbroker.settings.reading.Setting;
import java.util.List;
import java.util.stream.Stream;

/** Every key there is, in the order in which people read about them. */
final class Settings {
  static final Catalogue CATALOGUE =
      new Catalogue(
          "TASKBROKER_",
          List.of(
              new Section("Kafka", KafkaKeys.GLOBAL),
              new Section("Store", StoreKeys.ALL),
              new Section("Workers", GrpcKeys.ALL),
              new Section("Delivery", DeliveryKeys.ALL),
              new Section("Upkeep", UpkeepKeys.ALL),
              new Section("Admin API", AdminKeys.ALL),
              new Section("Logs, metrics, error reports", GeneralKeys.ALL)),
          List.of(KafkaKeys.TOPICS, KafkaKeys.CLUSTERS),
          olderKafka());

  private Settings() {}

  /** The older way to describe Kafka. */
  private static List<Setting<?>> olderKafka() {
    return Stream.concat(LegacyKafkaKeys.MARKS.stream(), LegacyKafkaKeys.RAW.stream()).toList();
  }
}
