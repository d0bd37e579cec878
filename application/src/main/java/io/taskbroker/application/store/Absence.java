package io.taskbroker.application.store;

import java.time.Duration;

/**
 * Why the rows of a partition that is to be read here are not here, where brokers share a store.
 */
public sealed interface Absence {
  /**
   * Another broker has them.
   *
   * @param owner that broker, for people
   * @param silence how long ago it has given a sign of life
   */
  record WithAnother(String owner, Duration silence) implements Absence {}

  /**
   * They are being read.
   *
   * @param rows that have come
   */
  record BeingRead(int rows) implements Absence {}

  /** They are here now. */
  record Over() implements Absence {}

  /** The partition is not to be read here any more. */
  record GivenUp() implements Absence {}
}
