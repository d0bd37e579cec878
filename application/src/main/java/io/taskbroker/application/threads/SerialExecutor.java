package io.taskbroker.application.threads;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does one thing after the other, in the order in which they came, on a platform thread of its own.
 * The thread begins with the first of them. What waits has no limit here; whoever hands it in has
 * one.
 *
 * <p>Safe for all threads.
 */
public final class SerialExecutor implements Executor, AutoCloseable {
  private final String name;
  private final Consumer<Throwable> defects;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final Signal changed;
  private final Threads threads;

  /** Null until there is a thread. */
  private @Nullable Job job;

  private boolean closed;

  /**
   * @param name of the thread
   * @param defects gets what work throws all the same, on the thread; must not throw
   */
  public SerialExecutor(Threads threads, String name, Consumer<Throwable> defects) {
    this.name = name;
    this.defects = defects;
    this.changed = threads.signal();
    this.threads = threads;
  }

  /**
   * Has this done after all that was handed in before. Does not wait for it.
   *
   * @param work must not throw; if it does all the same, that is reported, and the next one has its
   *     turn
   * @throws RejectedExecutionException if this is closed, or if the system gives no thread; the
   *     work is not done then. The next call asks for a thread again
   */
  @Override
  public void execute(Runnable work) {
    lock.lock();
    try {
      if (closed) {
        throw new RejectedExecutionException("'" + name + "' is closed");
      }
      if (job == null) { // with the lock held, so that closing knows of it
        job = begun();
      }
      waiting.add(work);
    } finally {
      lock.unlock();
    }
    changed.raise();
  }

  private Job begun() {
    try {
      return threads.job(name, Threads.Kind.PLATFORM, this::run).start();
    } catch (OutOfMemoryError e) {
      throw new RejectedExecutionException(
          "Thread '"
              + name
              + "' could not be started. Raise the limit of threads (ulimit -u, or pids.max of the"
              + " container), or give the system more memory",
          e);
    }
  }

  private void run() {
    for (Runnable work = next(); work != null; work = next()) {
      try {
        work.run();
      } catch (RuntimeException | Error e) { // without this thread all that waits would stall
        defects.accept(e);
      }
    }
  }

  /** Waits for the next one. Null once this is closed and all is done. */
  private @Nullable Runnable next() {
    while (true) {
      lock.lock();
      try {
        if (closed || !waiting.isEmpty()) {
          return waiting.poll();
        }
      } finally {
        lock.unlock();
      }
      changed.await();
    }
  }

  /** Takes no more, and waits until all that was handed in is done. Safe to call twice. */
  @Override
  public void close() {
    Job begun;
    lock.lock();
    try {
      closed = true;
      begun = job;
    } finally {
      lock.unlock();
    }
    changed.raise();
    if (begun != null) {
      begun.awaitEnd();
    }
  }
}
