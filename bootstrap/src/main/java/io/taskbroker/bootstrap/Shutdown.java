package io.taskbroker.bootstrap;

import io.taskbroker.application.Elapsed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the process ends: it is asked to, by a signal, or once it is empty, or because a part of it
 * failed; then the thread that runs the broker stops it, while the JVM's shutdown hook waits; and
 * at last the hook halts the JVM with the status that belongs to the reason.
 *
 * <p>Only a hook that halts can give SIGINT, SIGTERM and SIGHUP the status 0. SIGQUIT keeps the
 * JVM's own meaning, a dump of all threads.
 */
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  /** Those who watch us kill us after 10 s. */
  static final Duration PATIENCE = Duration.ofSeconds(9);

  /** The most that a standstill of the whole machine takes from the patience. */
  private static final Duration SLICE = Duration.ofSeconds(1);

  /** Why the process ends. */
  sealed interface Reason {
    record Signalled() implements Reason {}

    /** It was to end once it was empty, and is. */
    record Drained() implements Reason {}

    /**
     * @param what for the last line of the log
     */
    record Failed(String what) implements Reason {}
  }

  private final Duration patience;
  private final CompletableFuture<Reason> asked = new CompletableFuture<>();
  private final CompletableFuture<Integer> stopped = new CompletableFuture<>();

  private Shutdown(Duration patience) {
    this.patience = patience;
  }

  /**
   * From here on every end of the JVM goes this way.
   *
   * @param patience how long stopping may take before the JVM is halted all the same
   */
  static Shutdown install(Duration patience) {
    var shutdown = new Shutdown(patience);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(shutdown::haltWhenStopped));
    Thread.setDefaultUncaughtExceptionHandler(shutdown::uncaught);
    return shutdown;
  }

  /** A part of the broker cannot go on, so all of it ends. The first reason counts. */
  void fail(String part, Throwable cause) {
    LOG.error("{} failed; the broker stops", part, cause);
    fail(part + " failed: " + cause);
  }

  /** As {@link #fail(String, Throwable)}, for what is no exception. */
  void fail(String what) {
    ask(new Reason.Failed(what));
  }

  /** The broker is empty, and was to end then. */
  void drained() {
    ask(new Reason.Drained());
  }

  private void ask(Reason reason) {
    if (asked.complete(reason)) {
      // exit() returns only when the hook has halted, which the caller may be needed for.
      Thread.ofPlatform().daemon().name("exit").start(() -> System.exit(1));
    }
  }

  /** Whether somebody or something wants the process to end. */
  boolean isRequested() {
    return asked.isDone();
  }

  /** Waits until somebody or something wants the process to end. */
  Reason awaitRequest() {
    return asked.join();
  }

  /** Everything is stopped that could be. */
  void finished(int status) {
    stopped.complete(status);
  }

  private void haltWhenStopped() {
    asked.complete(new Reason.Signalled());
    int status = 1;
    try {
      status = awaitStop(stopped, patience);
    } catch (TimeoutException _) {
      LOG.error(
          "The broker has not stopped within {}. Still running:{}",
          Elapsed.text(patience),
          running());
    } catch (InterruptedException | ExecutionException e) {
      LOG.error("The broker did not stop in order", e);
    }
    Runtime.getRuntime().halt(status);
  }

  /**
   * Waits second by second. A machine that stood still for longer than the patience leaves the rest
   * of the seconds to those who stop.
   *
   * @throws TimeoutException if nothing came in {@code patience}
   */
  static int awaitStop(Future<Integer> stopped, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    Duration left = patience;
    while (left.compareTo(SLICE) > 0) {
      try {
        return stopped.get(SLICE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        left = left.minus(SLICE);
      }
    }
    return stopped.get(left.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String running() {
    var text = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, frames) -> {
              if (!thread.isDaemon() && thread != Thread.currentThread()) {
                text.append(" [").append(thread.getName()).append(']');
                for (StackTraceElement frame : frames) {
                  text.append(" at ").append(frame);
                }
              }
            });
    return text.toString();
  }

  /** After running out of memory nothing can be relied on; the store survives such an end. */
  private void uncaught(Thread thread, Throwable thrown) {
    if (thrown instanceof OutOfMemoryError) {
      System.err.println("taskbroker: out of memory in thread " + thread.getName());
      Runtime.getRuntime().halt(3);
    }
    if (thrown instanceof Error) {
      fail("Thread " + thread.getName(), thrown);
    } else {
      LOG.error("Thread {} ended", thread.getName(), thrown);
    }
  }
}
