using Mono.Cecil;
using Mono.Cecil.Cil;

namespace AdaShare.Native.Architecture.Tests.Reading;

/// <summary>What the members of a type refer to, read from IL: base types, interfaces, constraints, attributes, fields, signatures and the bodies of methods.</summary>
internal static class TypeUses
{
    /// <summary>Each member with a type that it refers to, generic arguments and element types apart; members of nested types, the compiler's among them, are the type's own.</summary>
    public static IEnumerable<(string Member, TypeReference Used)> Of(TypeDefinition type) =>
        Direct(type).SelectMany(static use => Parts(use.Used).Select(part => (use.Member, part))).Concat(type.NestedTypes.SelectMany(Of));

    private static IEnumerable<(string Member, TypeReference Used)> Direct(TypeDefinition type)
    {
        string name = type.FullName;
        IEnumerable<TypeReference> own = [.. type.BaseType is null ? (IEnumerable<TypeReference>)[] : [type.BaseType], .. type.Interfaces.Select(static i => i.InterfaceType), .. Constraints(type), .. Attributes(type)];
        foreach (TypeReference used in own)
        {
            yield return (name, used);
        }

        foreach (FieldDefinition field in type.Fields)
        {
            foreach (TypeReference used in Attributes(field).Prepend(field.FieldType))
            {
                yield return (field.FullName, used);
            }
        }

        foreach (ICustomAttributeProvider member in (IEnumerable<ICustomAttributeProvider>)[.. type.Properties, .. type.Events])
        {
            foreach (TypeReference used in Attributes(member))
            {
                yield return (((MemberReference)member).FullName, used);
            }
        }

        foreach (MethodDefinition method in type.Methods)
        {
            foreach (TypeReference used in Signature(method).Concat(Body(method)))
            {
                yield return (method.FullName, used);
            }
        }
    }

    private static IEnumerable<TypeReference> Signature(MethodDefinition method) =>
    [
        method.ReturnType, .. Attributes(method), .. Attributes(method.MethodReturnType), .. Constraints(method), .. method.Overrides.Select(static o => o.DeclaringType),
        .. method.Parameters.SelectMany(static p => Attributes(p).Prepend(p.ParameterType)),
    ];

    private static IEnumerable<TypeReference> Body(MethodDefinition method) => !method.HasBody ? [] :
    [
        .. method.Body.Variables.Select(static v => v.VariableType), .. method.Body.ExceptionHandlers.Where(static h => h.CatchType is not null).Select(static h => h.CatchType),
        .. method.Body.Instructions.SelectMany(static instruction => Operand(instruction)),
    ];

    private static IEnumerable<TypeReference> Operand(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => method.GenericArguments.Prepend(method.DeclaringType),
        MemberReference member when member.DeclaringType is not null => [member.DeclaringType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Constraints(IGenericParameterProvider owner) => owner.GenericParameters.SelectMany(static p => p.Constraints).Select(static c => c.ConstraintType);

    private static IEnumerable<TypeReference> Attributes(ICustomAttributeProvider owner) =>
        !owner.HasCustomAttributes ? [] : owner.CustomAttributes.SelectMany(static a => a.ConstructorArguments.Select(static argument => argument.Value).OfType<TypeReference>().Prepend(a.AttributeType));

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        FunctionPointerType pointer => pointer.Parameters.Select(static p => p.ParameterType).Append(pointer.ReturnType).SelectMany(Parts),
        IModifierType modified => Parts(modified.ElementType),
        TypeSpecification specified => Parts(specified.ElementType),
        _ => [type],
    };
}
