package io.taskbroker.benchmarks.store;

import io.taskbroker.application.intake.NewActivation;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What is measured of a store, whichever it is: rows go in, are handed out, and come to an end.
 *
 * <p>Stages complete on the store's own thread, and fail if the store does. Safe for all threads.
 */
interface StoreUnderTest extends AutoCloseable {
  /** Stores a batch in the time a consumer of Kafka has to wait before it may commit. */
  void add(List<NewActivation> batch);

  /** Hands out the oldest pending activation, payload included; fails if there is none. */
  CompletionStage<Held> claim();

  /** Records that a worker has completed it. */
  CompletionStage<?> complete(String id);

  /** Ends and forgets rows, by whatever way is quickest: clears up between two measurements. */
  void remove(List<String> ids);

  /** An activation that a caller was handed. */
  interface Held {
    String id();

    byte[] payload();

    /** Gives it back, as if it had never been handed out. */
    CompletionStage<?> release();
  }

  /** How it is set up, in a line for the reader of the figures. */
  String settings();

  @Override
  void close();
}
