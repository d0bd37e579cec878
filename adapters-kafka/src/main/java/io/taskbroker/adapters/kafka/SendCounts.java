package io.taskbroker.adapters.kafka;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;

/**
 * How many records a producer has put into requests so far, as the client itself counts.
 *
 * @param sent records that were put into a request; again for each repetition
 * @param retried records whose request was refused or not answered, and that were to be sent again
 */
record SendCounts(long sent, long retried) {
  /** The client's metrics of all topics together. */
  private static final String GROUP = "producer-metrics";

  static SendCounts of(Producer<byte[], byte[]> producer) {
    return new SendCounts(
        total(producer, "record-send-total"), total(producer, "record-retry-total"));
  }

  SendCounts since(SendCounts earlier) {
    return new SendCounts(sent - earlier.sent, retried - earlier.retried);
  }

  private static long total(Producer<byte[], byte[]> producer, String name) {
    return producer.metrics().values().stream()
        .filter(metric -> isNamed(metric, name))
        .mapToLong(metric -> ((Number) metric.metricValue()).longValue())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the Kafka client does not count " + name));
  }

  private static boolean isNamed(Metric metric, String name) {
    return metric.metricName().group().equals(GROUP) && metric.metricName().name().equals(name);
  }
}
