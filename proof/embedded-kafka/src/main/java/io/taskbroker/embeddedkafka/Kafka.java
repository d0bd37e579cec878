package io.taskbroker.embeddedkafka;

/** A running Kafka. Closing it stops it in order and leaves its files. */
public interface Kafka extends AutoCloseable {
  /** Where clients connect, for example {@code 127.0.0.1:9092}. */
  String address();

  @Override
  void close();
}
