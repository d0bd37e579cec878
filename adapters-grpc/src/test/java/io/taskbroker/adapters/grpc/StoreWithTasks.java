package io.taskbroker.adapters.grpc;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store in a few lines: tasks wait in order, are handed out, are reported on, and are gone. */
final class StoreWithTasks implements DispatchStore, AutoCloseable {
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("writer").factory());
  private final Map<Long, Delivered> due = new TreeMap<>();
  private final Map<String, Delivered> handedOut = new TreeMap<>();
  private final List<Report> reports = new ArrayList<>();
  private final LinkedBlockingQueue<Claim> released = new LinkedBlockingQueue<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private long keys;
  private int queued;
  private boolean nobodyWaits;

  /** Who waits for a task. */
  private record Waiting(
      ClaimFilter filter, Recipient recipient, CompletableFuture<Optional<Delivered>> result) {}

  private @Nullable StoreException failure;

  synchronized void add(String id, String application, Delivery delivery, byte[] payload) {
    long key = ++keys;
    var activation =
        new Activation(
            id,
            application,
            "orders",
            "task",
            new Partition("tasks", 0),
            key,
            0,
            0,
            null,
            null,
            10,
            delivery,
            OnAttemptsExceeded.UNSPECIFIED,
            payload.length,
            null);
    due.put(
        key, new Delivered(new Claim(key, key, activation, 0, RetryOverride.NONE, null), payload));
    var _ = command(this::serveWaiting);
  }

  private synchronized int serveWaiting() {
    for (Waiting who : List.copyOf(waiting)) {
      Optional<Delivered> task = handOut(who.filter, who.recipient);
      if (task.isPresent()) {
        waiting.remove(who);
        who.result.complete(task);
      }
    }
    return waiting.size();
  }

  /** How many wait. */
  synchronized int waiting() {
    return waiting.size();
  }

  @Override
  public synchronized void leave(Recipient recipient) {
    endWaitOf(who -> who.recipient.equals(recipient));
  }

  @Override
  public synchronized void endWaits() {
    nobodyWaits = true;
    endWaitOf(_ -> true);
  }

  private synchronized void endWaitOf(Predicate<Waiting> whose) {
    for (Waiting who : List.copyOf(waiting)) {
      if (whose.test(who)) {
        waiting.remove(who);
        writer.execute(() -> who.result.complete(Optional.empty()));
      }
    }
  }

  /** In one step, so that no task is added between the look for one and the wait. */
  private synchronized CompletionStage<Optional<Delivered>> handOutOrWait(
      ClaimFilter filter, Recipient recipient) {
    Optional<Delivered> task = handOut(filter, recipient);
    Moment until = recipient.waitsUntil();
    if (task.isPresent() || until == null || nobodyWaits) {
      return CompletableFuture.completedStage(task);
    }
    var who = new Waiting(filter, recipient, new CompletableFuture<>());
    waiting.add(who);
    long leftMs = until.monotonicMs() - TestServer.TIME.now().monotonicMs();
    CompletableFuture.delayedExecutor(leftMs, TimeUnit.MILLISECONDS)
        .execute(() -> endWaitOf(who::equals));
    return who.result;
  }

  synchronized void failWith(@Nullable StoreException with) {
    failure = with;
  }

  synchronized List<Report> reports() {
    return List.copyOf(reports);
  }

  synchronized List<String> due() {
    return due.values().stream().map(StoreWithTasks::id).toList();
  }

  /** The next claim that was taken back; null if there is none within a minute. */
  @Nullable String awaitReleased() throws InterruptedException {
    Claim claim = released.poll(1, TimeUnit.MINUTES);
    return claim == null ? null : claim.activation().id();
  }

  boolean hasReleased() {
    return !released.isEmpty();
  }

  /** Commands wait from here on, until the result is run. */
  Runnable pause() {
    var resume = new CountDownLatch(1);
    writer.execute(
        () -> {
          try {
            resume.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return resume::countDown;
  }

  @Override
  public CompletionStage<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient) {
    return command(() -> handOutOrWait(filter, recipient)).thenCompose(answer -> answer);
  }

  @Override
  public CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    CompletionStage<Boolean> recorded = command(() -> record(report));
    return next == null
        ? recorded.thenApply(known -> new Concluded(known, Optional.empty()))
        : recorded.thenCompose(
            known -> claim(next, recipient).thenApply(task -> new Concluded(known, task)));
  }

  @Override
  public CompletionStage<List<Boolean>> concludeAll(List<Report> all) {
    return command(() -> all.stream().map(this::record).toList());
  }

  @Override
  public void release(Collection<Claim> claims) {
    var _ =
        command(
            () -> {
              for (Claim claim : claims) {
                Delivered task = handedOut.remove(claim.activation().id());
                if (task != null) {
                  due.put(claim.key(), task);
                  released.add(claim);
                }
              }
              return claims.size();
            });
  }

  @Override
  public void brokeOff(Claim claim, @Nullable String fault) {
    release(List.of(claim));
  }

  @Override
  public void drop(Claim claim) {
    var _ = command(() -> handedOut.remove(claim.activation().id()));
  }

  @Override
  public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return command(() -> handedOut.remove(claim.activation().id()) != null);
  }

  @Override
  public void close() {
    writer.shutdownNow();
  }

  private synchronized void queue(int change) {
    queued += change;
    notifyAll();
  }

  /** Waits, while the store pauses, until somebody has asked something of it. */
  synchronized void awaitCommand() throws InterruptedException {
    while (queued == 0) {
      wait();
    }
  }

  private Optional<Delivered> handOut(ClaimFilter filter, Recipient recipient) {
    for (Iterator<Delivered> tasks = due.values().iterator(); tasks.hasNext(); ) {
      Delivered task = tasks.next();
      if (filter.matches(task.claim().activation())) {
        if (!recipient.accepts(task.claim())) {
          released.add(task.claim());
          return Optional.empty();
        }
        tasks.remove();
        handedOut.put(id(task), task);
        return Optional.of(task);
      }
    }
    return Optional.empty();
  }

  private boolean record(Report report) {
    reports.add(report);
    return handedOut.remove(report.id()) != null;
  }

  private <T> CompletionStage<T> command(Supplier<T> work) {
    var result = new CompletableFuture<T>();
    try {
      queue(1);
      writer.execute(() -> run(work, result));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(new StoreException.Closed("the store is closed", e));
    }
    return result;
  }

  /** The result is completed without the lock, since that runs whatever waits for it. */
  private <T> void run(Supplier<T> work, CompletableFuture<T> result) {
    T value;
    queue(-1);
    synchronized (this) {
      if (failure != null) {
        result.completeExceptionally(failure);
        return;
      }
      value = work.get();
    }
    result.complete(value);
  }

  private static String id(Delivered task) {
    return task.claim().activation().id();
  }
}
