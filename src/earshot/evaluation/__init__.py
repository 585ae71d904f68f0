"""How good and how fast engines are on somebody's own recordings: counted, plotted, shown."""
