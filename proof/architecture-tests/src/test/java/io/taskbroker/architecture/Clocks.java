package io.taskbroker.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Calendar;
import java.util.Date;

/** Every way in the JDK to learn what time it is, called or referred to. */
final class Clocks {
  static final DescribedPredicate<JavaAccess<?>> ARE_READ =
      DescribedPredicate.describe("a clock", Clocks::isRead);

  private Clocks() {}

  private static boolean isRead(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getTarget().getName();
    if (owner.isEquivalentTo(System.class)) {
      return name.equals("currentTimeMillis") || name.equals("nanoTime");
    }
    if (owner.isEquivalentTo(Clock.class) || owner.isEquivalentTo(InstantSource.class)) {
      return name.startsWith("system") || name.startsWith("tick");
    }
    if (owner.isAssignableTo(Date.class) || owner.isAssignableTo(Calendar.class)) {
      return name.equals("getInstance") || (name.equals("<init>") && takesNothing(access));
    }
    return owner.getPackageName().startsWith("java.time") && name.equals("now");
  }

  private static boolean takesNothing(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        && target.getRawParameterTypes().isEmpty();
  }
}
