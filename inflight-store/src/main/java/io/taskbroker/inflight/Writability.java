package io.taskbroker.inflight;

import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the journal takes what it is given, as far as the last attempts tell. On a disk that is
 * nearly full reports may pass where a batch does not, so the two are told apart.
 *
 * <p>Used by the writer's thread.
 */
final class Writability {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** What is written. */
  enum Kind {
    GROUP,
    INTAKE
  }

  /** A batch is tried again sooner, unless its partitions went to somebody else. */
  private static final Duration GIVEN_UP = Duration.ofSeconds(30);

  private final Consumer<Optional<String>> listener;
  private final Consumer<Throwable> onFatal;
  private @Nullable Moment intakeFailed;
  private boolean failing;

  /**
   * @param listener told why nothing can be written, and with nothing when all can be again
   * @param onFatal told once that nothing will ever be written again
   */
  Writability(Consumer<Optional<String>> listener, Consumer<Throwable> onFatal) {
    this.listener = listener;
    this.onFatal = onFatal;
  }

  void failedForGood(Throwable cause) {
    onFatal.accept(cause);
  }

  void failed(Kind kind, String reason, Moment now) {
    if (kind == Kind.INTAKE) {
      intakeFailed = now;
    }
    failing = true;
    tell(Optional.of(reason));
  }

  void wrote(Kind kind, Moment now) {
    if (!failing) {
      return;
    }
    Moment failed = intakeFailed;
    if (kind == Kind.INTAKE || (failed != null && failed.plus(GIVEN_UP).isBefore(now))) {
      intakeFailed = null;
    }
    if (intakeFailed == null) {
      failing = false;
      tell(Optional.empty());
    }
  }

  private void tell(Optional<String> trouble) {
    try {
      listener.accept(trouble);
    } catch (RuntimeException e) {
      LOG.error("Whoever is told whether the store can write broke", e);
    }
  }
}
