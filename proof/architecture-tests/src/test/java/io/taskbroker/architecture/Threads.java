package io.taskbroker.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.Timer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.stream.BaseStream;

/** The ways to get a thread that nobody has named, or that belongs to everybody. */
final class Threads {
  static final DescribedPredicate<JavaAccess<?>> OF_NOBODY =
      DescribedPredicate.describe(
          "a thread of nobody", access -> isNameless(access) || isTheCommonPool(access));

  /** A builder that is used where none is given a name. */
  static final ArchCondition<JavaClass> START_NAMELESS =
      new ArchCondition<>("start a nameless thread") {
        @Override
        public void check(JavaClass one, ConditionEvents events) {
          for (JavaCodeUnit unit : one.getCodeUnits()) {
            boolean builds = unit.getAccessesFromSelf().stream().anyMatch(Threads::isBuilder);
            boolean names = unit.getAccessesFromSelf().stream().anyMatch(Threads::isNaming);
            String message = unit.getFullName() + " builds a thread and gives it no name";
            events.add(new SimpleConditionEvent(one, builds && !names, message));
          }
        }
      };

  private Threads() {}

  private static boolean isNameless(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getTarget().getName();
    if (owner.isAssignableTo(Thread.class) || owner.isEquivalentTo(Timer.class)) {
      return name.equals("<init>") || name.equals("startVirtualThread");
    }
    return owner.isEquivalentTo(Executors.class)
        && name.startsWith("new")
        && !takes(access, ThreadFactory.class);
  }

  private static boolean isTheCommonPool(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getTarget().getName();
    if (owner.isAssignableTo(CompletionStage.class)) {
      return name.endsWith("Async") && !takes(access, Executor.class);
    }
    return (owner.isEquivalentTo(ForkJoinPool.class) && name.equals("commonPool"))
        || name.equals("parallelStream")
        || (owner.isAssignableTo(BaseStream.class) && name.equals("parallel"))
        || (owner.isEquivalentTo(Arrays.class) && name.startsWith("parallel"));
  }

  private static boolean takes(JavaAccess<?> access, Class<?> type) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        && target.getRawParameterTypes().stream()
            .anyMatch(parameter -> parameter.isAssignableTo(type));
  }

  private static boolean isBuilder(JavaAccess<?> access) {
    String name = access.getTarget().getName();
    return access.getTargetOwner().isEquivalentTo(Thread.class)
        && (name.equals("ofVirtual") || name.equals("ofPlatform"));
  }

  private static boolean isNaming(JavaAccess<?> access) {
    return access.getTargetOwner().isAssignableTo(Thread.Builder.class)
        && access.getTarget().getName().equals("name");
  }
}
