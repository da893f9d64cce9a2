using System;
using System.Collections.Generic;
using System.Globalization;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Text;

/// <summary>A SPEC such as rm=11,mv=s12a10,contract=echo (../README.md), and the binding that it means.</summary>
public sealed class Spec
{
    private readonly Dictionary<string, string> values = new();

    /// <summary>WCF does not have what is asked for.</summary>
    public sealed class Unsupported : Exception
    {
        public Unsupported(string what) : base(what) { }
    }

    public Spec(string text)
    {
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length != 2) throw new Unsupported(pair);
            values[parts[0].Trim()] = parts[1].Trim();
        }
        foreach (var key in new[] { "addr", "offer", "retry" })
        {
            if (values.ContainsKey(key)) throw new Unsupported($"{key} (WCF over HTTP has no such setting)");
        }
    }

    public string Contract => Get("contract", "echo");

    public Binding Binding()
    {
        var session = new ReliableSessionBindingElement
        {
            ReliableMessagingVersion = Get("rm", "11") == "10"
                ? ReliableMessagingVersion.WSReliableMessagingFebruary2005
                : ReliableMessagingVersion.WSReliableMessaging11,
            Ordered = Get("ordered", "1") == "1",
            FlowControlEnabled = Get("flow", "1") == "1",
        };
        if (Has("window")) session.MaxTransferWindowSize = (int)Number("window");
        if (Has("maxpend")) session.MaxPendingChannels = (int)Number("maxpend");
        if (Has("maxretry")) session.MaxRetryCount = (int)Number("maxretry");
        if (Has("inact")) session.InactivityTimeout = TimeSpan.FromSeconds(Number("inact"));
        if (Has("ack")) session.AcknowledgementInterval = TimeSpan.FromSeconds(Number("ack"));
        var encoding = new TextMessageEncodingBindingElement(MessageVersion(), new UTF8Encoding(false));
        var binding = new CustomBinding(session, encoding, new HttpTransportBindingElement());
        if (Has("opento")) binding.OpenTimeout = TimeSpan.FromSeconds(Number("opento"));
        if (Has("closeto")) binding.CloseTimeout = TimeSpan.FromSeconds(Number("closeto"));
        if (Has("sendto")) binding.SendTimeout = TimeSpan.FromSeconds(Number("sendto"));
        return binding;
    }

    private MessageVersion MessageVersion()
    {
        var form = Get("mv", "s12a10");
        var envelope = form.StartsWith("s11", StringComparison.Ordinal) ? EnvelopeVersion.Soap11 : EnvelopeVersion.Soap12;
        var addressing = form.EndsWith("a04", StringComparison.Ordinal)
            ? AddressingVersion.WSAddressingAugust2004
            : AddressingVersion.WSAddressing10;
        return System.ServiceModel.Channels.MessageVersion.CreateVersion(envelope, addressing);
    }

    private string Get(string key, string otherwise) => values.TryGetValue(key, out var value) ? value : otherwise;

    private bool Has(string key) => values.ContainsKey(key);

    private double Number(string key) => double.Parse(values[key], CultureInfo.InvariantCulture);
}
