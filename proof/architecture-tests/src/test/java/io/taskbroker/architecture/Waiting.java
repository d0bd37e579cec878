package io.taskbroker.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import io.taskbroker.application.threads.SystemThreads;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/**
 * The ways in the JDK to start a thread and to wait, called or referred to. A lock that is taken
 * and given back is none of them: it guards memory.
 */
final class Waiting {
  static final DescribedPredicate<JavaAccess<?>> PAST_THE_PORT =
      DescribedPredicate.describe("threads or waiting", Waiting::isPastThePort);

  /** Whatever is done with them. */
  private static final List<Class<?>> OWNERS =
      List.of(
          Thread.class,
          Thread.Builder.class,
          SystemThreads.class,
          AbstractQueuedSynchronizer.class,
          BlockingQueue.class,
          Condition.class,
          CountDownLatch.class,
          CyclicBarrier.class,
          Exchanger.class,
          ExecutorService.class,
          Executors.class,
          ForkJoinTask.class,
          LockSupport.class,
          Phaser.class,
          Semaphore.class,
          Timer.class);

  private Waiting() {}

  /** The only class of the core that may be what the others must not. */
  static DescribedPredicate<JavaClass> systemThreads(String root) {
    String name = root + ".application.threads.SystemThreads";
    return DescribedPredicate.describe(
        "the system's threads",
        one -> one.getName().equals(name) || one.getName().startsWith(name + "$"));
  }

  private static boolean isPastThePort(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getTarget().getName();
    return OWNERS.stream().anyMatch(owner::isAssignableTo)
        || (owner.isAssignableTo(Future.class) && Set.of("get", "join").contains(name))
        || (owner.isAssignableTo(CompletableFuture.class) && isByTheJdksClock(name))
        || (owner.isAssignableTo(Lock.class) && isWaitForALock(access, name))
        || (owner.isEquivalentTo(TimeUnit.class)
            && Set.of("sleep", "timedJoin", "timedWait").contains(name))
        || isMonitor(access, name);
  }

  private static boolean isByTheJdksClock(String name) {
    return Set.of("orTimeout", "completeOnTimeout", "delayedExecutor").contains(name);
  }

  private static boolean isWaitForALock(JavaAccess<?> access, String name) {
    return name.equals("newCondition")
        || name.equals("lockInterruptibly")
        || (name.equals("tryLock") && !parameters(access).isEmpty());
  }

  private static boolean isMonitor(JavaAccess<?> access, String name) {
    return switch (name) {
      case "wait" -> parameters(access).stream().allMatch(JavaClass::isPrimitive);
      case "notify", "notifyAll" -> parameters(access).isEmpty();
      default -> false;
    };
  }

  private static List<JavaClass> parameters(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        ? target.getRawParameterTypes()
        : List.of();
  }
}
