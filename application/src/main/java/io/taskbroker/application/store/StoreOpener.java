package io.taskbroker.application.store;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;

/** Opens a store for one broker, which closes it. */
@FunctionalInterface
public interface StoreOpener {
  /**
   * Opens the store, with everything in it that an earlier process has kept. If this throws,
   * nothing of the store is open.
   *
   * @param threads runs the store's jobs, and is what its callers wait in
   * @param watch told what becomes of the store from here on
   * @param metrics who counts what happens
   */
  Store open(TimeSource time, Threads threads, StoreWatch watch, EventSink<StoreEvent> metrics);
}
