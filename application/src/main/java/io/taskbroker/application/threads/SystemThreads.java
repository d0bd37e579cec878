package io.taskbroker.application.threads;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The threads of the JVM. This is the only class of the core that knows them. */
public final class SystemThreads implements Threads {
  /** It has no state, so one is enough. */
  public static final Threads INSTANCE = new SystemThreads();

  private SystemThreads() {}

  @Override
  public Job job(String name, Kind kind, Runnable work) {
    Thread.Builder builder =
        switch (kind) {
          case PLATFORM -> Thread.ofPlatform().name(name);
          case VIRTUAL -> Thread.ofVirtual().name(name);
        };
    return new SystemJob(builder.unstarted(work));
  }

  @Override
  public Signal signal() {
    return new SystemSignal();
  }

  @Override
  public <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  private record SystemJob(Thread thread) implements Job {
    @Override
    public Job start() {
      thread.start();
      return this;
    }

    @Override
    public boolean isCurrent() {
      return Thread.currentThread() == thread;
    }

    @Override
    public void awaitEnd() {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      keepInterrupt(interrupted);
    }

    @Override
    public boolean awaitEnd(Duration longest) {
      boolean interrupted = false;
      long end = System.nanoTime() + longest.toNanos();
      long left = longest.toNanos();
      while (thread.isAlive() && left > 0) {
        try {
          boolean _ = thread.join(Duration.ofNanos(left));
        } catch (InterruptedException e) {
          interrupted = true;
        }
        left = end - System.nanoTime();
      }
      keepInterrupt(interrupted);
      return !thread.isAlive();
    }
  }

  private static final class SystemSignal implements Signal {
    private final AtomicBoolean raised = new AtomicBoolean();
    private volatile @Nullable Thread waiting;

    @Override
    public void raise() {
      raised.set(true); // before the look at who waits, who looks here after saying so
      LockSupport.unpark(waiting);
    }

    @Override
    public void await() {
      boolean interrupted = false;
      waiting = Thread.currentThread();
      while (!raised.getAndSet(false)) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted(); // or park would not wait again
      }
      waiting = null;
      keepInterrupt(interrupted);
    }

    @Override
    public boolean await(Duration longest) {
      boolean interrupted = false;
      long end = System.nanoTime() + longest.toNanos();
      waiting = Thread.currentThread();
      boolean isRaised = raised.getAndSet(false);
      for (long left = longest.toNanos();
          !isRaised && left > 0;
          isRaised = raised.getAndSet(false)) {
        LockSupport.parkNanos(this, left);
        interrupted |= Thread.interrupted();
        left = end - System.nanoTime();
      }
      waiting = null;
      keepInterrupt(interrupted);
      return isRaised;
    }
  }

  private static void keepInterrupt(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
