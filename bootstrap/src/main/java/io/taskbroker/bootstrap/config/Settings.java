package io.taskbroker.bootstrap.config;

import java.util.List;
import java.util.stream.Stream;

/** Every key there is, in the order in which people read about them. */
final class Settings {
  /**
   * A chapter of the configuration.
   *
   * @param keys with their full paths
   */
  record Section(String title, List<Setting<?>> keys) {}

  static final List<Section> SECTIONS =
      List.of(
          new Section("Kafka", KafkaKeys.GLOBAL),
          new Section("Store", StoreKeys.ALL),
          new Section("Workers", GrpcKeys.ALL),
          new Section("Delivery", DeliveryKeys.ALL),
          new Section("Upkeep", UpkeepKeys.ALL),
          new Section("Logs, metrics, error reports", GeneralKeys.ALL));

  /** Mappings by names that the operator chooses. */
  static final List<SettingMap> MAPS = List.of(KafkaKeys.TOPICS, KafkaKeys.CLUSTERS);

  /** The older way to describe Kafka. */
  static final List<Setting<?>> LEGACY =
      Stream.concat(LegacyKafkaKeys.MARKS.stream(), LegacyKafkaKeys.RAW.stream()).toList();

  private Settings() {}

  /** Those of all chapters. */
  static Stream<Setting<?>> current() {
    return SECTIONS.stream().flatMap(section -> section.keys().stream());
  }

  /** Those of all chapters, and the older ones. */
  static Stream<Setting<?>> all() {
    return Stream.concat(current(), LEGACY.stream());
  }
}
