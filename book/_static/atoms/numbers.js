/* Numbers as text, written as the library writes them, so that the table may have them from either. */
"use strict";

var numbersAsText = (() => {
  const signed = text => (/[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", ""));
  const raised = n => String(n).replace("-", "⁻").replace(/\d/g, digit => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
  /* Three digits and a power of ten. */
  function power(value) {
    const [mantissa, exponent] = value.toExponential(2).split("e");
    return `${signed(mantissa)}·10${raised(Number(exponent))}`;
  }
  function energyText(value) {
    if (!Number.isFinite(value)) return value === Infinity ? "∞" : "–"; // where atoms coincide
    return Math.abs(value) < 1000 ? signed(value.toFixed(3)) : power(value);
  }
  function threeDigits(value) {
    if (!Number.isFinite(value)) return value === Infinity ? "∞" : "–";
    const rounded = Number(value.toPrecision(3)), size = Math.abs(rounded);
    if (size === 0 || (size >= 1e-4 && size < 1000)) return signed(String(rounded));
    return power(rounded).replace(/\.?0+·/, "·").replace(/^1·/, "");
  }
  function percentText(value) {
    if (!Number.isFinite(value)) return "–";
    const digits = value < 10 ? 2 : 0, options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return `${value.toLocaleString("en-US", options)}\u00a0%`;
  }
  const listed = words => [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" and ");

  return { energyText, listed, percentText, threeDigits };
})();
