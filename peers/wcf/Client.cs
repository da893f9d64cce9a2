using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.ServiceModel;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

[ServiceContract]
public interface IEcho
{
    [OperationContract]
    string Echo(string text);
}

[ServiceContract]
public interface IOneWay
{
    [OperationContract(IsOneWay = true)]
    void Send(string text);
}

[ServiceContract(SessionMode = SessionMode.Required)]
public interface IMixed
{
    [OperationContract]
    string Echo(string text);

    [OperationContract(IsOneWay = true)]
    void Send(string text);
}

/// <summary>client URL SPEC STEP…: runs the steps in order and prints one line a step (../README.md).</summary>
public static class Client
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly object Gate = new();

    public static int Main(string[] arguments)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture =
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new CultureInfo("en-US");
        ThreadPool.SetMinThreads(32, 32);
        using var limit = new Timer(_ => { Print("LIMIT 60 s"); Environment.Exit(4); }, null, Limit, Timeout.InfiniteTimeSpan);
        try
        {
            var spec = new Spec(arguments[1]);
            var address = new EndpointAddress(arguments[0]);
            return spec.Contract switch
            {
                "oneway" => Run(new ChannelFactory<IOneWay>(spec.Binding(), address), arguments.Skip(2), null, c => c.Send),
                "mixed" => Run(new ChannelFactory<IMixed>(spec.Binding(), address), arguments.Skip(2), c => c.Echo, c => c.Send),
                _ => Run(new ChannelFactory<IEcho>(spec.Binding(), address), arguments.Skip(2), c => c.Echo, null),
            };
        }
        catch (Spec.Unsupported unsupported)
        {
            Print("UNSUPPORTED " + unsupported.Message);
            return 3;
        }
    }

    private static int Run<T>(
        ChannelFactory<T> factory,
        IEnumerable<string> steps,
        Func<T, Func<string, string>>? echo,
        Func<T, Action<string>>? send) where T : class
    {
        var channel = factory.CreateChannel();
        var session = (IClientChannel)channel;
        var running = new List<Task>();
        foreach (var step in steps.SelectMany(Repeated))
        {
            var (name, text) = step;
            switch (name)
            {
                case "open": Report("open", () => { session.Open(); return "open ok"; }); break;
                case "echo": Call($"echo({text})", () => Echo(channel, echo, text)); break;
                case "send": Call($"send({text})", () => Send(channel, send, text)); break;
                case "aecho": Start(running, $"aecho({text})", () => Echo(channel, echo, text)); break;
                case "asend": Start(running, $"asend({text})", () => Send(channel, send, text)); break;
                case "wait": Task.WaitAll(running.ToArray()); running.Clear(); Print("wait ok"); break;
                case "sleep": Thread.Sleep(int.Parse(text, CultureInfo.InvariantCulture)); break;
                case "close": Report("close", () => { session.Close(); return "close ok"; }); break;
                case "abort": session.Abort(); Print("abort ok"); break;
                default: throw new Spec.Unsupported("step " + name);
            }
        }
        if (session.State != CommunicationState.Closed) session.Abort();
        factory.Abort();
        return 0;
    }

    private static string Echo<T>(T channel, Func<T, Func<string, string>>? echo, string text) =>
        " -> " + (echo ?? throw new Spec.Unsupported("echo in this contract"))(channel)(text);

    private static string Send<T>(T channel, Func<T, Action<string>>? send, string text)
    {
        (send ?? throw new Spec.Unsupported("send in this contract"))(channel)(text);
        return " returned";
    }

    private static void Call(string label, Func<string> call) => Report(label, () => label + call());

    private static void Start(List<Task> running, string label, Func<string> call)
    {
        running.Add(Task.Run(() => Call(label, call)));
        Thread.Sleep(20);
    }

    private static void Report(string label, Func<string> step)
    {
        try
        {
            Print(step());
        }
        catch (Exception exception) when (exception is not Spec.Unsupported)
        {
            Print(label + " -> EXC " + Words(exception));
        }
    }

    /// <summary>NAME, NAME:TEXT or NAME*TIMES:TEXT; repetitions get -1, -2 … behind their text.</summary>
    private static IEnumerable<(string Name, string Text)> Repeated(string step)
    {
        var parts = step.Split(':', 2);
        var text = parts.Length > 1 ? parts[1] : "";
        var name = parts[0].Split('*', 2);
        var times = name.Length > 1 ? int.Parse(name[1], CultureInfo.InvariantCulture) : 1;
        return Enumerable.Range(1, times).Select(n => (name[0], name.Length > 1 ? $"{text}-{n}" : text));
    }

    /// <summary>The exception and those behind it, in one line.</summary>
    private static string Words(Exception exception)
    {
        var words = new StringBuilder();
        for (Exception? each = exception; each != null; each = each.InnerException)
        {
            if (words.Length > 0) words.Append(" <- ");
            words.Append($"[{each.GetType().FullName}] {each.Message.ReplaceLineEndings(" ")}");
        }
        return words.ToString();
    }

    private static void Print(string line)
    {
        lock (Gate)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
