package io.taskbroker.adapters.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.taskbroker.domain.TimeSource;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Measures the JVM under the names of the reference's runtime: threads in place of tasks, and the
 * scheduler of virtual threads in place of its own. Used by one thread.
 */
final class JvmSampler {
  private final TimeSource time;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final OperatingSystemMXBean process =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final VirtualThreadSchedulerMXBean scheduler =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
  private final Gauge workers;
  private final Gauge alive;
  private final Gauge utilization;
  private final Gauge queued;
  private final Gauge queuedLocally;
  private final Gauge heapUsed;
  private long cpuNanos;
  private long atNanos;

  JvmSampler(Meters meters, TimeSource time) {
    this.time = time;
    workers = meters.gauge("runtime.num_workers");
    alive = meters.gauge("runtime.num_alive_tasks");
    utilization = meters.gauge("runtime.worker_utilization");
    queued = meters.gauge("runtime.global_queue_depth");
    queuedLocally = meters.gauge("runtime.worker_local_queue_depth");
    heapUsed = meters.gauge("runtime.heap_used_bytes");
    cpuNanos = process.getProcessCpuTime();
    atNanos = time.nanos();
  }

  void sample() {
    int processors = process.getAvailableProcessors();
    long cpu = process.getProcessCpuTime();
    long now = time.nanos();
    double most = (double) (now - atNanos) * processors;
    workers.set(Math.max(0, scheduler.getPoolSize()));
    alive.set(threads.getThreadCount());
    utilization.set(most <= 0 ? 0 : Math.clamp((cpu - cpuNanos) / most, 0, 1));
    queued.set((double) Math.max(0, scheduler.getQueuedVirtualThreadCount()));
    queuedLocally.set(0);
    heapUsed.set((double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    cpuNanos = cpu;
    atNanos = now;
  }
}
