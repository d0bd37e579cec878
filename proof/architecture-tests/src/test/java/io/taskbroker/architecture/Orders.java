package io.taskbroker.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The ways in the JDK to make a set or a map whose order nobody has chosen: by hash, by identity,
 * or by the salt that each process gives the collections of {@code Map.of} and its like.
 */
final class Orders {
  static final DescribedPredicate<JavaAccess<?>> OF_CHANCE =
      DescribedPredicate.describe("an order that nobody has chosen", Orders::isOfChance);

  private static final Set<Class<?>> BY_HASH =
      Set.of(
          ConcurrentHashMap.class,
          HashMap.class,
          HashSet.class,
          IdentityHashMap.class,
          WeakHashMap.class);

  private static final Set<String> COLLECTORS =
      Set.of(
          "groupingBy",
          "groupingByConcurrent",
          "toConcurrentMap",
          "toMap",
          "toSet",
          "toUnmodifiableMap",
          "toUnmodifiableSet");

  private Orders() {}

  private static boolean isOfChance(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getTarget().getName();
    if (owner.isEquivalentTo(Map.class)) {
      return name.equals("copyOf")
          || name.equals("ofEntries")
          || (name.equals("of") && parameters(access).size() > 2);
    }
    if (owner.isEquivalentTo(Set.class)) {
      return name.equals("copyOf") || (name.equals("of") && isOfSeveral(access));
    }
    if (owner.isEquivalentTo(Collectors.class)) {
      return COLLECTORS.contains(name)
          && parameters(access).stream().noneMatch(type -> type.isEquivalentTo(Supplier.class));
    }
    return (BY_HASH.stream().anyMatch(owner::isEquivalentTo)
            && (name.equals("<init>") || name.startsWith("new")))
        || (owner.isEquivalentTo(System.class) && name.equals("identityHashCode"));
  }

  private static boolean isOfSeveral(JavaAccess<?> access) {
    List<JavaClass> parameters = parameters(access);
    return parameters.size() > 1 || parameters.stream().anyMatch(JavaClass::isArray);
  }

  private static List<JavaClass> parameters(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        ? target.getRawParameterTypes()
        : List.of();
  }
}
