namespace AdaShare.Native.CudaSimulation.Ptx;

internal sealed partial class PtxParser
{
    private readonly List<Dictionary<string, string>> _scopes = [];
    private int _file;
    private int _sourceLine;

    private void Body(PtxFunction function)
    {
        Expect("{");
        _scopes.Clear();
        _scopes.Add([]);
        _file = _sourceLine = 0;
        foreach (PtxVariable parameter in function.Parameters.Concat(function.Results))
        {
            _scopes[0][parameter.Name] = parameter.Name;
        }

        while (_scopes.Count > 0)
        {
            if (TakeIf("{"))
            {
                _scopes.Add([]);
            }
            else if (TakeIf("}"))
            {
                _scopes.RemoveAt(_scopes.Count - 1);
            }
            else
            {
                Line(function);
            }
        }
    }

    private void Line(PtxFunction function)
    {
        switch (Now.Text)
        {
            case ".loc":
                SourceLocation();
                break;
            case ".pragma":
                _at++;
                Take();
                Expect(";");
                break;
            case ".reg" or ".param" or ".shared" or ".local" or ".global" or ".const":
                foreach (PtxVariable variable in Variable(isRegister: Now.Text == ".reg"))
                {
                    Declare(function, variable);
                }

                Expect(";");
                break;
            default:
                function.Body.Add(Statement());
                break;
        }
    }

    private void Declare(PtxFunction function, PtxVariable variable)
    {
        string name = variable.Name;
        if (_scopes.Count > 1)
        {
            name = $"{name}#{function.Variables.Count}";
        }

        if (!function.Variables.TryAdd(name, variable with { Name = name }))
        {
            throw Error($"{variable.Name} is declared twice");
        }

        _scopes[^1][variable.Name] = name;
    }

    /// <summary>.loc file line column[, function_name label[+offset], inlined_at file line column]: the innermost place counts.</summary>
    private void SourceLocation()
    {
        int line = Now.Line;
        _at++;
        _file = (int)Integer();
        _sourceLine = (int)Integer();
        while (Now.Line == line)
        {
            _at++;
        }
    }

    private PtxStatement Statement()
    {
        PtxLocation location = new(Now.Line, _file, _sourceLine);
        string guard = "";
        bool negated = false;
        if (TakeIf("@"))
        {
            negated = TakeIf("!");
            guard = Resolve(Word());
        }

        string word = Word();
        if (guard.Length == 0 && TakeIf(":"))
        {
            return new PtxStatement { Location = location, Label = word };
        }

        var operands = new List<PtxOperand>();
        while (!TakeIf(";"))
        {
            operands.Add(Operand());
            if (!Now.Is(";"))
            {
                Expect(",");
            }
        }

        return new PtxStatement { Location = location, Opcode = word, Guard = guard, IsGuardNegated = negated, Operands = operands };
    }

    private PtxOperand Operand()
    {
        PtxOperand operand = SimpleOperand();
        return TakeIf("|") ? new PtxOperand { Kind = PtxOperandKind.Pair, Items = [operand, SimpleOperand()] } : operand;
    }

    private PtxOperand SimpleOperand()
    {
        if (TakeIf("{"))
        {
            return new PtxOperand { Kind = PtxOperandKind.Vector, Items = Items("}") };
        }

        if (TakeIf("("))
        {
            return new PtxOperand { Kind = PtxOperandKind.List, Items = Items(")") };
        }

        if (TakeIf("["))
        {
            return Address();
        }

        if (TakeIf("!"))
        {
            return new PtxOperand { Kind = PtxOperandKind.Name, Name = Resolve(Word()), IsNegated = true };
        }

        if (Now.Kind == PtxTokenKind.Integer || Now.Is("-"))
        {
            return new PtxOperand { Kind = PtxOperandKind.Immediate, Value = Integer() };
        }

        string name = Resolve(Word());
        return TakeIf("+")
            ? new PtxOperand { Kind = PtxOperandKind.Name, Name = name, Value = Integer() }
            : new PtxOperand { Kind = PtxOperandKind.Name, Name = name };
    }

    private PtxOperand Address()
    {
        string name = Now.Kind == PtxTokenKind.Word ? Resolve(Word()) : "";
        long offset = 0;
        while (!TakeIf("]"))
        {
            bool sum = TakeIf("+");
            offset += sum || name.Length == 0 || Now.Is("-") ? Integer() : throw Error($"found '{Now.Text}' in an address");
        }

        return new PtxOperand { Kind = PtxOperandKind.Address, Name = name, Value = offset };
    }

    private List<PtxOperand> Items(string end)
    {
        var items = new List<PtxOperand>();
        while (!TakeIf(end))
        {
            items.Add(SimpleOperand());
            TakeIf(",");
        }

        return items;
    }

    private string Resolve(string name)
    {
        for (int i = _scopes.Count - 1; i >= 0; i--)
        {
            if (_scopes[i].TryGetValue(name, out string? unique))
            {
                return unique;
            }
        }

        return name;
    }
}
