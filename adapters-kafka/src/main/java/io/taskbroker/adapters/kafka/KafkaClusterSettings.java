package io.taskbroker.adapters.kafka;

/**
 * One Kafka cluster. Two are the same cluster when their addresses are equal.
 *
 * @param name under which the configuration declares it
 * @param address comma-separated list of {@code host:port}; the port may be missing and is 9092
 *     then
 */
public record KafkaClusterSettings(String name, String address, KafkaSecuritySettings security) {
  public KafkaClusterSettings {
    if (address.isBlank()) {
      throw new IllegalArgumentException("the address of cluster '" + name + "' is empty");
    }
  }

  public boolean isSameAs(KafkaClusterSettings other) {
    return address.equals(other.address);
  }
}
