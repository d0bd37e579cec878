package io.taskbroker.workload.load;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Workers of our own protocol: each is attached by a stream, and is given as many tasks as its
 * credit allows. What its stream breaks off it goes on with by the next one.
 */
public final class AttachedWorkers implements AutoCloseable {
  private static final int LARGEST_FRAME = 64 << 20;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<AttachedWorker> workers = new ArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("attached-workers").daemon().factory());

  private AttachedWorkers() {}

  /** Begins to work. */
  public static AttachedWorkers start(
      AttachedSettings settings, List<TaskKind> kinds, Ledger ledger) {
    Map<String, TaskKind> byName = new TreeMap<>();
    kinds.forEach(kind -> byName.put(kind.taskname(), kind));
    var all = new AttachedWorkers();
    for (int i = 0; i < settings.streams(); i++) {
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(settings.address())
              .usePlaintext()
              .directExecutor() // workers never wait, and a hand-over for each frame costs as much
              .maxInboundMessageSize(LARGEST_FRAME)
              .build();
      all.channels.add(channel);
      var worker = new AttachedWorker(settings, byName, ledger, channel, all.timer);
      all.workers.add(worker);
      worker.attach();
    }
    return all;
  }

  /** Breaks a worker's stream off; it comes again by another one. */
  public void breakOff(int worker) {
    workers.get(worker).breakOff();
  }

  /** How many tasks a frame had on average. */
  public double tasksPerFrame() {
    long frames = workers.stream().mapToLong(AttachedWorker::frames).sum();
    long tasks = workers.stream().mapToLong(AttachedWorker::tasks).sum();
    return frames == 0 ? 0 : (double) tasks / frames;
  }

  /** Takes nothing more, and leaves. */
  @Override
  public void close() {
    workers.forEach(AttachedWorker::leave);
    timer.shutdownNow();
    channels.forEach(ManagedChannel::shutdown);
    try {
      for (ManagedChannel channel : channels) {
        if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
          channel.shutdownNow();
        }
      }
    } catch (InterruptedException e) {
      channels.forEach(ManagedChannel::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }
}
