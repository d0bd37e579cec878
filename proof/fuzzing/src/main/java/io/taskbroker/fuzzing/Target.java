package io.taskbroker.fuzzing;

import java.util.List;

/**
 * An entrance of the broker, and what must hold whatever comes in. Used by one thread.
 *
 * <p>What is documented as a refusal is expected and passed over; all else that is thrown, takes
 * more than five seconds or fills the memory is a finding.
 */
interface Target extends AutoCloseable {
  /** What it is called on the command line; also the folder of its corpus. */
  String name();

  /** What is made up, and who takes it, in a line. */
  String about();

  /** Inputs to begin with: sound ones of each kind. */
  List<byte[]> seeds();

  /**
   * Hands these bytes in.
   *
   * @throws RuntimeException if something happens that is documented nowhere
   */
  void give(byte[] input);

  @Override
  default void close() {}
}
