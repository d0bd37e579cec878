package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreWatch;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether what brokers share can be reached, as several threads find it. Each of them says what it
 * finds; all is well once none of them has trouble. Safe for all threads.
 */
final class SharedTrouble {
  private final StoreWatch watch;
  private final Set<String> troubled = new LinkedHashSet<>();
  private volatile boolean isAny;

  SharedTrouble(StoreWatch watch) {
    this.watch = watch;
  }

  /** The thread of this name could not do what it had to. */
  synchronized void begun(String thread, RuntimeException failure) {
    troubled.add(thread);
    isAny = true;
    watch.sharing(Optional.of(String.valueOf(failure.getMessage())));
  }

  /** The thread of this name has done what it had to. Cheap where it did before. */
  void mended(String thread) {
    if (isAny) {
      mend(thread);
    }
  }

  private synchronized void mend(String thread) {
    if (troubled.remove(thread) && troubled.isEmpty()) {
      isAny = false;
      watch.sharing(Optional.empty());
    }
  }
}
