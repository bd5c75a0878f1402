using System.Globalization;

namespace AdaShare.Native.CudaSimulation.Ptx;

/// <summary>Reads a PTX module (PTX ISA, chapters 4, 5 and 11): directives and declarations here, function bodies in the other part.</summary>
internal sealed partial class PtxParser
{
    private readonly List<PtxToken> _tokens;
    private readonly PtxModule _module;
    private int _at;

    private PtxParser(string name, string text)
    {
        _module = new PtxModule { Name = name };
        _tokens = PtxTokenizer.Tokenize(name, text);
    }

    private PtxToken Now => _tokens[_at];

    /// <summary>Reads a module.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="text">The PTX.</param>
    /// <exception cref="PtxException">The text is not PTX, or uses a part of PTX that this device does not know.</exception>
    public static PtxModule Parse(string name, string text)
    {
        var parser = new PtxParser(name, text);
        parser.Module();
        return parser._module;
    }

    private PtxException Error(string problem) => Error(Now.Line, problem);

    private PtxException Error(int line, string problem) => new(_module.Name, line, problem);

    private PtxToken Take() => _tokens[_at++];

    private bool TakeIf(string symbol)
    {
        bool found = Now.Is(symbol);
        _at += found ? 1 : 0;
        return found;
    }

    private void Expect(string symbol)
    {
        if (!TakeIf(symbol))
        {
            throw Error($"found '{Now.Text}' where '{symbol}' belongs");
        }
    }

    private string Word() => Now.Kind == PtxTokenKind.Word ? Take().Text : throw Error($"found '{Now.Text}' where a name belongs");

    private long Integer()
    {
        bool negative = TakeIf("-");
        return Now.Kind != PtxTokenKind.Integer ? throw Error($"found '{Now.Text}' where a number belongs") : negative ? -Take().Value : Take().Value;
    }

    private void Module()
    {
        while (Now.Kind != PtxTokenKind.End)
        {
            switch (Now.Text)
            {
                case ".version":
                    Version();
                    break;
                case ".target":
                    Target();
                    break;
                case ".address_size":
                    _at++;
                    if (Integer() != 64)
                    {
                        throw Error("addresses are not of 64 bits; compile for a 64-bit machine");
                    }

                    break;
                case ".file":
                    File();
                    break;
                case ".section":
                    Section();
                    break;
                case ".visible" or ".extern" or ".weak" or ".common":
                    _at++;
                    break;
                case ".entry" or ".func":
                    Function();
                    break;
                case ".global" or ".const" or ".shared":
                    PtxVariable variable = Variable(isRegister: false)[0];
                    _module.Variables[variable.Name] = variable;
                    Expect(";");
                    break;
                default:
                    throw Error($"'{Now.Text}' is not a directive that this device knows");
            }
        }

        if (_module.Version.Major == 0 || _module.Target == 0)
        {
            throw Error(1, ".version and .target are missing: this is not PTX");
        }
    }

    private void Version()
    {
        _at++;
        string[] parts = Take().Text.Split('.');
        _module.Version = parts.Length == 2 && int.TryParse(parts[0], out int major) && int.TryParse(parts[1], out int minor)
            ? (major, minor)
            : throw Error(".version has no major and minor number");
    }

    private void Target()
    {
        _at++;
        string target = Word();
        _module.Target = target.StartsWith("sm_", StringComparison.Ordinal) && int.TryParse(target.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Error($".target {target} is not sm_ and a number");
        while (TakeIf(","))
        {
            Word();
        }
    }

    private void File()
    {
        _at++;
        int number = (int)Integer();
        _module.Files[number] = Path.GetFileName(Take().Text);
        while (TakeIf(","))
        {
            Integer();
        }
    }

    /// <summary>Debug information: nothing to run.</summary>
    private void Section()
    {
        while (!Now.Is("{"))
        {
            _at++;
        }

        while (!TakeIf("}"))
        {
            _at++;
        }
    }

    /// <summary>One declaration without its semicolon; registers may be a whole range, name&lt;n&gt;, or a list.</summary>
    private List<PtxVariable> Variable(bool isRegister)
    {
        PtxSpace space = Take().Text switch
        {
            ".reg" => PtxSpace.Register,
            ".param" => PtxSpace.Parameter,
            ".global" => PtxSpace.Global,
            ".const" => PtxSpace.Constant,
            ".shared" => PtxSpace.Shared,
            ".local" => PtxSpace.Local,
            string other => throw Error($"'{other}' is not a state space"),
        };
        int alignment = 0;
        PtxType? type = null;
        long vector = 1;
        while (Now.Kind == PtxTokenKind.Word && Now.Text[0] == '.')
        {
            string word = Take().Text;
            switch (word)
            {
                case ".align":
                    alignment = (int)Integer();
                    break;
                case ".ptr" or ".global":
                    break;
                case ".v2" or ".v4":
                    vector = word[2] - '0';
                    break;
                default:
                    type = PtxTypes.Parse(word[1..]) ?? throw Error($"'{word}' is not a type");
                    break;
            }
        }

        PtxType element = type ?? throw Error("a declaration has no type");
        var variables = new List<PtxVariable>();
        do
        {
            string name = Word();
            if (isRegister && TakeIf("<"))
            {
                long count = Integer();
                Expect(">");
                for (long i = 0; i < count; i++)
                {
                    variables.Add(new PtxVariable(name + i, space, element, 1, element.Bytes(), null));
                }
            }
            else
            {
                variables.Add(Array(name, space, element, vector, alignment));
            }
        }
        while (isRegister && TakeIf(","));
        return variables;
    }

    private PtxVariable Array(string name, PtxSpace space, PtxType element, long count, int alignment)
    {
        while (TakeIf("["))
        {
            count *= Now.Is("]") ? 0 : Integer();
            Expect("]");
        }

        byte[]? initializer = null;
        if (TakeIf("="))
        {
            initializer = new byte[count * element.Bytes()];
            int at = 0;
            foreach (long value in Initializer())
            {
                if (at >= initializer.Length)
                {
                    throw Error($"{name} has {initializer.Length} bytes and more values than fit");
                }

                for (int b = 0; b < element.Bytes(); b++)
                {
                    initializer[at++] = (byte)(value >> (8 * b));
                }
            }
        }

        return new PtxVariable(name, space, element, count, Math.Max(alignment, Math.Max(1, element.Bytes())), initializer);
    }

    private List<long> Initializer()
    {
        if (!TakeIf("{"))
        {
            return [Integer()];
        }

        var values = new List<long>();
        while (!TakeIf("}"))
        {
            values.AddRange(Initializer());
            TakeIf(",");
        }

        return values;
    }

    private void Function()
    {
        PtxLocation location = new(Now.Line, 0, 0);
        bool kernel = Take().Text == ".entry";
        var results = new List<PtxVariable>();
        if (!kernel && Now.Is("("))
        {
            results = ParameterList();
        }

        var function = new PtxFunction { Name = Word(), IsKernel = kernel, Location = location };
        function.Results.AddRange(results);
        if (Now.Is("("))
        {
            function.Parameters.AddRange(ParameterList());
        }

        while (Now.Kind == PtxTokenKind.Word)
        {
            FunctionDirective(function);
        }

        if (!TakeIf(";"))
        {
            function.HasBody = true;
            Body(function);
        }

        if (function.HasBody || !_module.Functions.ContainsKey(function.Name))
        {
            _module.Functions[function.Name] = function;
        }
    }

    private void FunctionDirective(PtxFunction function)
    {
        string directive = Take().Text;
        switch (directive)
        {
            case ".maxntid" or ".reqntid":
                long threads = Integer();
                while (TakeIf(","))
                {
                    threads *= Integer();
                }

                function.MaxThreads = (int)threads;
                break;
            case ".minnctapersm" or ".maxnreg" or ".maxnctapersm":
                Integer();
                break;
            case ".noreturn":
                break;
            default:
                throw Error($"'{directive}' is not a directive of a function that this device knows");
        }
    }

    private List<PtxVariable> ParameterList()
    {
        Expect("(");
        var parameters = new List<PtxVariable>();
        while (!TakeIf(")"))
        {
            parameters.AddRange(Variable(isRegister: false));
            TakeIf(",");
        }

        return parameters;
    }
}
